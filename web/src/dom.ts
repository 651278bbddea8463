/** Elements, without a framework. */

type Child = Node | string;

/** h('p.note', {id: 'x'}, 'text'): the classes stand behind the tag. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  spec: Tag | `${Tag}.${string}`,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const [tag, ...classes] = spec.split('.') as [Tag, ...string[]];
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const svg_namespace = 'http://www.w3.org/2000/svg';

export function svg(tag: string, attributes: Readonly<Record<string, string>>, ...children: Node[]): SVGElement {
  const element = document.createElementNS(svg_namespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Touches the document only when the text is another one. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
