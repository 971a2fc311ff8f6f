import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface SheetProps {
  /** What the button does, which has only an icon. */
  readonly label: string;
  readonly icon: IconName;
  readonly title: string;
  /** Made when it is opened. */
  readonly children: () => ReactNode;
}

/** A button with an icon that opens a sheet over the page. */
export function Sheet({ label, icon, title, children }: SheetProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="icon-button" aria-label={label} title={label}>
        <Icon name={icon} />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="sheet">
          <header className="sheet-head">
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label="Close">
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <div className="sheet-body">{open && children()}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
