/** Figures as people read them. All answer "–" for what is not known. */

const unknown = '–';

function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Three figures or so: 0.25, 4.2, 38, 1,204, 38.1k. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.995) return fixed(value, 2);
  if (size < 9.95) return fixed(value, 1);
  if (size < 10_000) return fixed(value, 0);
  if (size < 999_500) return `${fixed(value / 1e3, size < 99_950 ? 1 : 0)}k`;
  return `${fixed(value / 1e6, 1)}M`;
}

/** Whole things: connections, events, groups. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  return Math.abs(value) < 1e6 ? fixed(Math.round(value), 0) : `${fixed(value / 1e6, 2)}M`;
}

/** "4,497 subscriptions", or nothing. */
export function subscriptions(many: number): string {
  return Number.isFinite(many) ? `${count(many)} subscriptions` : '';
}

export function per_second(value: number): string {
  return Number.isFinite(value) ? `${number(value)}/s` : unknown;
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown;
  if (seconds === 0) return '0 ms';
  if (seconds < 0.001) return `${fixed(seconds * 1e6, 0)} µs`;
  if (seconds < 0.00995) return `${fixed(seconds * 1e3, 1)} ms`;
  if (seconds < 0.9995) return `${fixed(seconds * 1e3, 0)} ms`;
  return `${fixed(seconds, seconds < 9.95 ? 1 : 0)} s`;
}

const byte_units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Decimal units, as disks are sold. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  let unit = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && unit < byte_units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  return `${fixed(rest, unit === 0 || Math.abs(rest) >= 99.95 ? 0 : 1)} ${byte_units[unit]}`;
}

export function percent(part: number): string {
  if (!Number.isFinite(part)) return unknown;
  return `${fixed(part * 100, part > 0 && part < 0.0995 ? 1 : 0)} %`;
}

/** How long something has run: "3 d 4 h", "12 min". */
export function span(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown;
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(seconds))} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "15:04:05", local. */
export function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}
