// Numbers, spans and moments in words. One number has one form on all views.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false });

export const count = n => n >= 1e6 ? `${one.format(n / 1e6)} M` : n >= 1e5 ? `${whole.format(n / 1e3)} k` : whole.format(n);
export const rate = n => n === 0 ? "0" : n < 10 ? one.format(n) : count(n);
export const percent = share => share === 0 ? "0 %" : share < 0.001 ? "< 0.1 %" : `${one.format(share * 100)} %`;
export const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;

export function ms(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return value < 10 ? `${one.format(value)} ms` : value < 1000 ? `${whole.format(value)} ms` : `${one.format(value / 1000)} s`;
}

export function bytes(n) {
  return n >= 1e9 ? `${one.format(n / 1e9)} GB` : n >= 1e6 ? `${whole.format(n / 1e6)} MB` : `${whole.format(n / 1e3)} kB`;
}

export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min${s < 600 && s % 60 ? ` ${s % 60} s` : ""}`;
  if (s < 86400) return `${Math.floor(s / 3600)} h${s % 3600 >= 60 ? ` ${Math.floor(s % 3600 / 60)} min` : ""}`;
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`;
}

export const since = (moment, now) => span((new Date(now) - new Date(moment)) / 1000);
export const time = moment => clock.format(new Date(moment));
export const date = moment => day.format(new Date(moment));
/** The clock, and the day where it is another one. */
export const when = moment => new Date(moment).toDateString() === new Date().toDateString() ? time(moment) : date(moment);
