import { assertRefused, assertRejects } from "./assert.ts";

Deno.test("assertRefused() fails only if somebody accepts", async () => {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  const { port } = listener.addr;
  const serving = (async () => {
    using conn = await listener.accept();
    await conn.closeWrite();
  })();
  await assertRejects(
    () => assertRefused(hostname, port),
    Error,
    `somebody accepts at port ${port}`,
  );
  await serving;
  listener.close();
  await assertRefused(hostname, port);
});
