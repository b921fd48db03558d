// Charts: Observable Plot, as one ES module that the page loads when a chart is first shown.
// `src/app/chart` decides what to draw and does the arithmetic; this file only draws it.

import {
  areaY, axisFx, axisFy, axisX, axisY, barX, barY, cell, dot, gridX, gridY, lineY, plot, rectY, ruleX, ruleY, text,
} from '@observablehq/plot';

const PALETTE = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `var(--chart-${n})`);
const HEAT = [1, 2, 3, 4, 5, 6].map((n) => `var(--heat-${n})`);
const LETTER = 6.6; // the width of a letter at 12 px, near enough to leave room for it

/** Draws into `place` and again whenever its size changes; `destroy()` ends that. */
export function createChart(place, drawing) {
  let latest = drawing;
  let size = '';
  const draw = () => {
    const { clientWidth: width, clientHeight: height } = place;
    if (width < 40 || height < 40) return;
    size = `${width} ${height}`;
    place.replaceChildren(render(latest, width, height));
  };
  const observer = new ResizeObserver(() => {
    if (size !== `${place.clientWidth} ${place.clientHeight}`) draw();
  });
  observer.observe(place);
  draw();
  return {
    update(next) { latest = next; draw(); },
    destroy() { observer.disconnect(); place.replaceChildren(); },
    saveSvg(name) { save(`${name}.svg`, new Blob([standalone(place, latest).text], { type: 'image/svg+xml' })); },
    savePng(name) { return savePng(`${name}.png`, standalone(place, latest)); },
  };
}

function render(d, width, height) {
  const points = d.points.map((point) => ({
    ...point,
    x: d.x.scale === 'band' ? d.x.domain[point.x] : d.x.scale === 'time' ? new Date(point.x) : point.x,
    x2: d.x.scale === 'time' ? new Date(point.x2) : point.x2,
    y: d.kind === 'heatmap' ? d.y.domain[point.y] : point.y,
    series: d.series[point.series] ?? '',
  }));
  const many = d.series.length > 1;
  const colour = (point) => (many ? point.series : d.series[0] ?? '');
  const sideways = d.sideways;
  // Bars of several series stand beside each other; those of parts upon each other.
  const grouped = d.kind === 'bar' && many && d.x.scale === 'band';
  const names = sideways || d.kind === 'heatmap' ? (sideways ? d.x.domain : d.y.domain) : [];
  const longest = Math.min(names.reduce((most, name) => Math.max(most, name.length), 0), 26);
  const largest = Math.max(0, ...points.map(({ y }) => Math.abs(Number(y) || 0)));
  const left = names.length ? Math.min(longest * LETTER + 14, width * 0.4) : Math.max(48, figure(d.y)(largest).length * LETTER + 18);
  const ends = many && (d.kind === 'line') ? Math.min(Math.max(...d.series.map((name) => name.length)) * LETTER + 12, width * 0.3) : 0;
  const labelled = sideways && !many && points.length <= 24;
  const right = labelled ? figure(d.y)(largest).length * LETTER + 12 : 16 + ends;
  const widest = points.reduce((most, { label }) => Math.max(most, label.length), 0) * LETTER + 6;
  const standing = d.kind === 'bar' && !sideways && !many && d.x.scale === 'band'
    && points.every(({ y }) => y >= 0) && widest * points.length < width - left - 16;
  const keys = many && d.kind !== 'line';
  const heat = d.kind === 'heatmap';
  const top = (keys ? 24 * keyLines(d.series, width) : heat ? 30 : 0) + (standing ? 34 : 26);
  const tip = { title: 'tip', tip: { fill: 'var(--surface-raised)', stroke: 'var(--line-strong)', textPadding: 8 } };
  const marks = [];
  const ticks = Math.max(3, Math.min(8, Math.floor((width - left - right) / 90)));
  const valueAxis = { label: d.y.label, labelArrow: 'none', tickFormat: figure({ decimals: whole(largest) ? 0 : d.y.decimals }), tickSize: 0 };
  const letters = names.length ? Math.min(26, Math.floor((left - 14) / LETTER)) : 26;
  const shorten = (name) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name);
  if (d.kind === 'heatmap') {
    marks.push(cell(points, { x: 'x', y: 'y', fill: 'value', inset: 0.5, ...tip }));
    marks.push(axisX({ label: d.x.label, labelArrow: 'none', tickSize: 0, tickFormat: shorten, ...thinned(d.x.domain, width - left) }));
    marks.push(axisY({ label: d.y.label, labelAnchor: 'top', labelArrow: 'none', tickSize: 0, tickFormat: shorten }));
  } else if (sideways) {
    marks.push(gridX({ ticks }), axisX({ ...valueAxis, ticks }));
    const names = { label: null, tickSize: 0, tickFormat: shorten };
    if (grouped) {
      marks.push(axisFy({ ...names, anchor: 'left' }));
      marks.push(barX(points, { x: 'y', y: 'series', fy: 'x', fill: colour, ...tip }));
    } else {
      marks.push(axisY(names));
      marks.push(barX(points, { x: 'y', y: 'x', fill: colour, order: many ? d.series : undefined, insetTop: 1, insetBottom: 1, ...tip }));
    }
    if (labelled) {
      marks.push(text(points, { x: 'y', y: 'x', text: 'label', dx: 6, textAnchor: 'start', className: 'chart-value' }));
    }
    marks.push(ruleX([0]));
  } else {
    marks.push(gridY({ ticks: 5 }), axisY({ ...valueAxis, ticks: 5 }));
    const across = { label: d.x.label, labelArrow: 'none', tickSize: 0 };
    const names = { ...across, tickFormat: shorten, ...thinned(d.x.domain, width - left - right) };
    const far = Math.max(0, ...points.map(({ x }) => Math.abs(Number(x) || 0)));
    const figures = figure({ decimals: whole(far) ? 0 : d.x.decimals });
    if (grouped) marks.push(axisFx({ ...names, anchor: 'bottom' }));
    else if (d.x.scale === 'band') marks.push(axisX(names));
    else marks.push(axisX({ ...across, ticks, ...(d.x.scale === 'number' && { tickFormat: figures }) }));
    if (d.kind === 'bar' || d.kind === 'stacked' || d.kind === 'histogram') {
      const shape = { y: 'y', fill: colour, order: many && !grouped ? d.series : undefined, ...tip };
      if (grouped) marks.push(barY(points, { x: 'series', fx: 'x', ...shape }));
      else if (d.x.scale === 'band') marks.push(barY(points, { x: 'x', insetLeft: 1, insetRight: 1, ...shape }));
      else marks.push(rectY(points, { x1: 'x', x2: 'x2', inset: 1, ...shape }));
      if (standing) marks.push(text(points, { x: 'x', y: 'y', text: 'label', dy: -7, lineAnchor: 'bottom', className: 'chart-value' }));
      marks.push(ruleY([0]));
    } else if (d.kind === 'area') {
      if (d.parts) {
        marks.push(areaY(points, { x: 'x', y: 'y', fill: colour, fillOpacity: 0.85, order: many ? d.series : undefined, ...tip }));
      } else {
        marks.push(areaY(points, { x: 'x', y1: 0, y2: 'y', z: colour, fill: colour, fillOpacity: 0.25 }));
        marks.push(lineY(points, { x: 'x', y: 'y', z: colour, stroke: colour, strokeWidth: 2 }));
        marks.push(dot(points, { x: 'x', y: 'y', r: 6, fill: 'transparent', ...tip }));
      }
      marks.push(ruleY([0]));
    } else if (d.kind === 'scatter') {
      marks.push(dot(points, { x: 'x', y: 'y', fill: colour, fillOpacity: 0.7, r: 3.5, ...tip }));
    } else {
      marks.push(lineY(points, { x: 'x', y: 'y', stroke: colour, z: colour, strokeWidth: 2 }));
      if (points.length <= 60) marks.push(dot(points, { x: 'x', y: 'y', fill: colour, r: 2.5 }));
      marks.push(dot(points, { x: 'x', y: 'y', r: 6, fill: 'transparent', ...tip }));
      if (many) {
        const last = new Map(points.map((point) => [point.series, point]));
        marks.push(text([...last.values()], { x: 'x', y: 'y', text: 'series', fill: colour, dx: 8, textAnchor: 'start', className: 'chart-end' }));
      }
      if (d.kind === 'cumulative') marks.push(ruleY([0]));
    }
  }
  const svg = plot({
    width, height,
    marginTop: top, marginLeft: left, marginRight: right,
    marginBottom: d.x.label && !sideways ? 44 : sideways && d.y.label ? 40 : 30,
    style: { background: 'none', color: 'var(--text-soft)', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
    ...scales(d, { sideways, grouped }),
    color: heat
      ? { type: 'quantize', domain: extent(points.map(({ value }) => value)), range: HEAT }
      : { type: 'ordinal', domain: many ? d.series : [d.series[0] ?? ''], range: PALETTE },
    marks,
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', d.summary);
  apart(svg);
  // The title of the axis stands above them.
  const down = sideways ? 0 : 18;
  if (keys) legend(svg, d.series, width, down);
  if (heat) shades(svg, d, points, width, down);
  return svg;
}

/** The scales along x and y, and those of the groups of bars. */
function scales(d, { sideways, grouped }) {
  const linear = { type: 'linear', nice: true };
  if (d.kind === 'heatmap') return { x: { type: 'band', domain: d.x.domain }, y: { type: 'band', domain: d.y.domain } };
  if (grouped) {
    const inner = { type: 'band', domain: d.series, axis: null, padding: 0.05 };
    const outer = { domain: d.x.domain, padding: 0.2 };
    return sideways ? { x: linear, y: inner, fy: outer } : { y: linear, x: inner, fx: outer };
  }
  if (sideways) return { x: linear, y: { type: 'band', domain: d.x.domain } };
  if (d.x.scale === 'band') return { x: { type: 'band', domain: d.x.domain }, y: linear };
  return { x: { type: d.x.scale === 'time' ? 'utc' : 'linear' }, y: linear };
}

const whole = (largest) => largest >= 20;
const extent = (values) => [Math.min(...values), Math.max(...values)];

/** Numbers with thousands separators and the column's decimals. */
function figure({ decimals }) {
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (value) => format.format(value);
}

/** Every n-th name of an axis, so that names do not touch. */
function thinned(domain, width) {
  const room = width / Math.max(domain.length, 1);
  const longest = Math.min(domain.reduce((most, name) => Math.max(most, name.length), 0), 26) * LETTER + 8;
  const step = Math.ceil(longest / room);
  return { ticks: domain.filter((_, place) => place % step === 0) };
}

/** Moves the names at the ends of lines apart, so that none covers another. */
function apart(svg) {
  const labels = [...svg.querySelectorAll('.chart-end text')]
    .map((node) => ({ node, at: /translate\(([-\d.]+),([-\d.]+)\)/.exec(node.getAttribute('transform') ?? '') }))
    .filter(({ at }) => at)
    .map(({ node, at }) => ({ node, x: at[1], y: Number(at[2]) }))
    .sort((a, b) => a.y - b.y);
  let free = -Infinity;
  for (const label of labels) {
    label.y = Math.max(label.y, free);
    free = label.y + 14;
    label.node.setAttribute('transform', `translate(${label.x},${label.y})`);
  }
}

function keyPlaces(series, width) {
  let [x, line] = [0, 0];
  return series.map((name) => {
    const wide = Math.min(name.length, 26) * LETTER + 30;
    if (x + wide > width && x > 0) [x, line] = [0, line + 1];
    const place = { x, y: line * 22 };
    x += wide;
    return place;
  });
}

const keyLines = (series, width) => (keyPlaces(series, width).at(-1)?.y ?? 0) / 22 + 1;

function part(name, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** What the shades of a heat map stand for: the lowest value, the shades, the highest, the measure. */
function shades(svg, d, points, width, down) {
  const ranked = [...points].sort((a, b) => a.value - b.value);
  const group = part('g', { 'aria-hidden': 'true', 'text-anchor': 'start', transform: `translate(0,${down})` });
  const write = (at, words) => {
    const node = part('text', { x: at, y: 16, fill: 'currentColor' });
    node.textContent = words;
    group.append(node);
    return at + words.length * LETTER + 8;
  };
  let x = write(0, ranked[0]?.label ?? '');
  for (const fill of HEAT) {
    group.append(part('rect', { x, y: 5, width: 22, height: 14, fill }));
    x += 23;
  }
  x = write(x + 6, ranked.at(-1)?.label ?? '');
  if (x + d.measure.length * LETTER < width) write(x + 4, d.measure);
  svg.append(group);
}

function legend(svg, series, width, down) {
  const group = part('g', { 'aria-hidden': 'true', 'text-anchor': 'start', transform: `translate(0,${down})` });
  keyPlaces(series, width).forEach(({ x, y }, place) => {
    group.append(part('rect', { x, y: y + 3, width: 12, height: 12, rx: 2, fill: PALETTE[place % PALETTE.length] }));
    const label = part('text', { x: x + 18, y: y + 13, fill: 'currentColor' });
    label.textContent = series[place].length > 26 ? `${series[place].slice(0, 25)}…` : series[place];
    group.append(label);
  });
  svg.append(group);
}

const INLINED = ['fill', 'stroke', 'color', 'font-family', 'font-size', 'font-weight', 'opacity'];

/** The drawing as a file of its own: title, ground, fonts and colours inlined. */
function standalone(place, d) {
  const shown = place.querySelector('svg');
  const copy = shown.cloneNode(true);
  const originals = shown.querySelectorAll('*');
  copy.querySelectorAll('*').forEach((node, at) => {
    const style = getComputedStyle(originals[at]);
    for (const name of INLINED) {
      if (node.hasAttribute(name) || ['text', 'g'].includes(node.localName)) node.setAttribute(name, style.getPropertyValue(name));
    }
  });
  copy.querySelectorAll('style, [aria-label=tip]').forEach((node) => node.remove());
  const style = getComputedStyle(shown);
  const width = place.clientWidth + 32;
  const height = place.clientHeight + 64;
  const escaped = (value) => value.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const font = `font-family="${escaped(style.fontFamily)}"`;
  const probe = document.createElement('span');
  probe.style.backgroundColor = 'var(--surface)';
  place.append(probe);
  const fill = getComputedStyle(probe).backgroundColor;
  probe.remove();
  copy.removeAttribute('style');
  copy.removeAttribute('class');
  copy.setAttribute('x', 16);
  copy.setAttribute('y', 48);
  copy.setAttribute('color', style.color);
  copy.setAttribute('fill', 'currentColor');
  copy.setAttribute('font-size', 12);
  const inner = new XMLSerializer().serializeToString(copy);
  const body = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${font}>`
    + `<title>${escaped(d.title)}</title><desc>${escaped(d.summary)}</desc>`
    + `<rect width="${width}" height="${height}" fill="${fill}"/>`
    + `<text x="16" y="30" font-size="16" font-weight="600" fill="${style.color}">${escaped(d.title)}</text>${inner}</svg>`;
  return { text: body, width, height };
}

async function savePng(name, { text: body, width, height }) {
  const url = URL.createObjectURL(new Blob([body], { type: 'image/svg+xml' }));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: width * 2, height: height * 2 });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  save(name, await new Promise((made) => { canvas.toBlob(made, 'image/png'); }));
}

function save(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
