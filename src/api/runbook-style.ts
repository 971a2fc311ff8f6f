/** Style of the runbook, which is read from mails and phones, in light and dark. */
export const RUNBOOK_STYLE = `
:root{color-scheme:light dark;--soft:#eef2f8;--line:#d5dbe4;--muted:#4c5766;--accent:#1f5fbf}
@media (prefers-color-scheme:dark){:root{--soft:#1d2733;--line:#374454;--muted:#a8b3c2;--accent:#7db1ff}}
body{margin:0;font:16px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0}
a{color:var(--accent)}
.up{color:var(--muted);font-size:.875rem;margin:0}
ul{padding-left:1.25rem}
li{margin:.35rem 0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em}
code{background:var(--soft);border-radius:4px;padding:.1em .3em}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.6rem .75rem;margin:.5rem 0;white-space:pre-wrap;user-select:all}
dl{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;border-left:4px solid var(--accent);padding-left:.75rem;margin:0 0 1rem}
dl div{display:flex;gap:.4rem}
dt{color:var(--muted)}
dd{margin:0;font-weight:600}
`.trimStart();
