let probe: HTMLElement | undefined;
const known = new Map<string, string>();

/** Colors of the theme that is shown now. Canvas does not read tokens: this is what one of them comes to, as `rgb(…)`. */
export function paint(token: string, opacity = 1): string {
  const key = `${token} ${document.documentElement.dataset['theme']} ${matchMedia('(prefers-color-scheme: dark)').matches}`;
  let color = known.get(key);
  if (color === undefined) {
    if (!probe) {
      probe = document.createElement('span');
      probe.hidden = true;
      document.body.append(probe);
    }
    probe.style.color = `var(${token})`;
    color = getComputedStyle(probe).color;
    known.set(key, color);
  }
  return opacity === 1 ? color : color.replace('rgb(', 'rgba(').replace(')', `, ${opacity})`);
}
