/** What every time server here answers, as `time_server` does. */

export const BEGINNING = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n" +
    "Local time is: ",
);

/** The time as `ctime` writes it, short of the day's padding. */
export function time() {
  const text = new Date().toString(); // Sun Nov 22 2026 01:52:20 GMT…
  return `${text.slice(0, 11)}${text.slice(16, 25)}${text.slice(11, 15)}\n`;
}
