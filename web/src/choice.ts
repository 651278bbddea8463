/** One of a few: radio buttons that look like one bar. */
import { h } from './dom.ts';

export function choice<Value extends string>(
  title: string,
  name: string,
  options: Readonly<Record<Value, string>>,
  chosen: Value,
  choose: (value: Value) => void,
): HTMLElement {
  const group = h('fieldset.choice', {}, h('legend.unseen', {}, title));
  for (const [value, text] of Object.entries(options) as [Value, string][]) {
    const input = h('input', { type: 'radio', name, value });
    input.checked = value === chosen;
    input.addEventListener('change', () => choose(value));
    group.append(h('label', {}, input, h('span', {}, text)));
  }
  return group;
}
