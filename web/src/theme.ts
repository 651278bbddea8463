/** Light, dark, or as the system says. The choice is kept in this browser. */
import { theme_changed } from './chart.ts';
import { choice } from './choice.ts';

const kept_as = 'mls-gateway-theme';
const themes = { system: 'System', light: 'Light', dark: 'Dark' };
type Theme = keyof typeof themes;

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  document.dispatchEvent(new Event(theme_changed));
}

function kept(): Theme {
  const theme = localStorage.getItem(kept_as);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

export function theme_switch(): HTMLElement {
  apply(kept());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(kept()));
  return choice('Colours', 'theme', themes, kept(), (theme) => {
    localStorage.setItem(kept_as, theme);
    apply(theme);
  });
}
