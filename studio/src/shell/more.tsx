/** The rest of the frame's menu: the link to this view, the theme, and beginning anew. */

import { changedPaths } from '../files/changed.js';
import { Menu } from '../ui/menu.js';
import { toast } from '../ui/toast.js';
import { Icon } from './icons.js';
import { close, resume, useRules } from './session.js';
import { setTheme, type Theme, useTheme } from './theme.js';

const THEMES: readonly { readonly key: Theme; readonly name: string }[] = [
  { key: 'auto', name: 'Theme of the system' },
  { key: 'light', name: 'Light theme' },
  { key: 'dark', name: 'Dark theme' },
];

/** The link holds the view alone. Whoever opens it needs the rules, too, unless they are the sample's. */
async function share(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    toast('Link copied. It holds this view: no people and no rules.', { tone: 'good' });
  } catch {
    toast(`This browser does not let the page copy. The link is ${location.href}`, { tone: 'bad' });
  }
}

export default function More() {
  const rules = useRules();
  const theme = useTheme();
  const anew = (): void => {
    if (!rules) return;
    close();
    const left = changedPaths(rules.base, rules.files).length > 0 ? 'The draft is closed.' : 'The rules are closed.';
    toast(left, { action: { name: 'Open again', run: () => resume(rules) } });
  };
  return (
    <Menu
      label="More"
      items={[
        { key: 'share', name: 'Copy a link to this view', run: () => void share() },
        ...THEMES.map(({ key, name }) => ({ key, name, hint: key === theme ? 'in use' : '', run: () => setTheme(key) })),
        { key: 'anew', name: 'Close the rules', disabled: !rules, run: anew },
      ]}
    >
      <Icon name="more" />
    </Menu>
  );
}
