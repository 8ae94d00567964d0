/** What it takes to start Deno. */

export {};
