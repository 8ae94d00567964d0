/** time_console.c: prints the local time. Needs no permission and no library. */

const now = new Date(); // time(&timer)

// ctime(&timer): "Sun Nov 22 00:18:51 2026"
const [day, month, date, year, time] = now.toString().split(" ");
const padded = String(Number(date)).padStart(2);

console.log(`Local time is: ${day} ${month} ${padded} ${time} ${year}`);
