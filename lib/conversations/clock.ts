/**
 * The time as text.
 *
 * @module
 */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = [
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
  ...["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

const two = (value: number) => String(value).padStart(2, "0");

/**
 * Moves a date so that its UTC fields read as wall-clock time.
 *
 * @returns the moved date and how many minutes the zone is east of UTC
 */
function wallClock(date: Date, utc: boolean): { wall: Date; east: number } {
  const east = utc ? 0 : -date.getTimezoneOffset();
  return { wall: new Date(date.getTime() + east * 60_000), east };
}

/**
 * Returns the 24 characters of `ctime(3)`, without its newline: the day of the
 * month is padded with a space.
 *
 * @param date the moment
 * @param utc whether to show UTC instead of the machine's zone; `false` by
 * default
 * @returns as in `Sun Nov 22 00:18:51 2026`
 */
export function ctime(date: Date, utc = false): string {
  const { wall } = wallClock(date, utc);
  return `${DAYS[wall.getUTCDay()]} ${MONTHS[wall.getUTCMonth()]} ` +
    `${String(wall.getUTCDate()).padStart(2)} ${two(wall.getUTCHours())}:` +
    `${two(wall.getUTCMinutes())}:${two(wall.getUTCSeconds())} ` +
    `${wall.getUTCFullYear()}`;
}

/**
 * Returns the time as RFC 3339 writes it, to the second, with its offset.
 *
 * @param date the moment
 * @param utc whether to show UTC instead of the machine's zone; `false` by
 * default
 * @returns as in `2026-11-22T09:18:51+09:00`
 */
export function rfc3339(date: Date, utc = false): string {
  const { wall, east } = wallClock(date, utc);
  const minutes = Math.abs(east);
  return wall.toISOString().slice(0, 19) + (east < 0 ? "-" : "+") +
    `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
