// Small helpers to build the page. Text always becomes a text node: nothing that anybody wrote is read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  camera: "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zm8 9a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
  send: "M3 20.5 21.5 12 3 3.5v6.6L15 12 3 13.9z",
  phone: "M6.6 3 10 3.8l1 4.4-2.1 1.7a12 12 0 0 0 5.2 5.2l1.7-2.1 4.4 1 .8 3.4c0 1.7-1.3 3.6-3.2 3.6C10 21 3 14 3 6.200 3 4.300 4.900 3 6.600 3z",
  place: "M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 10a3 3 0 1 1 0-6 3 3 0 0 1 0 6z",
  close: "M5.600 4.200 12 10.600l6.400-6.400 1.400 1.400L13.400 12l6.400 6.400-1.400 1.400L12 13.400l-6.400 6.400-1.400-1.400L10.600 12 4.200 5.600z",
  down: "M11 4h2v11l4.500-4.500 1.500 1.500-7 7-7-7 1.500-1.500L11 15z",
  up: "M11 20h2V9l4.500 4.500L19 12l-7-7-7 7 1.500 1.500L11 9z",
};

/** Make an element; attributes named on… are listeners, false and null are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Draw one of our icons; it is decoration, the words beside it say what it means. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}

/** Show or hide: `hidden` is what screen readers understand as well. */
export function shown(node, yes) {
  node.hidden = !yes;
}
