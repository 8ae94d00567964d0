import fc from "fast-check";
import {
  Descriptor,
  descriptorCount,
  descriptorFor,
  descriptorOf,
  DescriptorTable,
  numbered,
  sharesDescriptor,
} from "../../lib/calls/descriptors.ts";
import { assertEquals } from "../assert.ts";

Deno.test("a table gives the lowest number that is free, from 3", () => {
  // Each number is what is freed, of those that are taken; -1 takes one.
  const steps = fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 60 });
  fc.assert(fc.property(steps, (steps) => {
    const table = new DescriptorTable();
    const taken = new Set<number>();
    for (const step of steps) {
      const fd = [...taken][step];
      if (fd === undefined) {
        let lowest = 3;
        while (taken.has(lowest)) lowest++;
        assertEquals(table.take(), lowest);
        taken.add(lowest);
      } else {
        table.free(fd);
        taken.delete(fd);
      }
      assertEquals(table.size, taken.size);
    }
  }));
});

Deno.test("a table frees a number once, and none that it has not given", () => {
  const table = new DescriptorTable();
  for (const fd of [3, -1, 0, 1000, NaN]) table.free(fd);
  assertEquals([table.take(), table.take(), table.size], [3, 4, 2]);
  table.free(3);
  table.free(3);
  assertEquals([table.take(), table.take(), table.size], [3, 5, 3]);
});

Deno.test("a descriptor is found by its socket until it is freed", () => {
  const socket = {};
  assertEquals(descriptorOf(socket), undefined);
  assertEquals(numbered(socket, {}), {});
  const descriptor = descriptorFor(socket, () => ({}));
  assertEquals(descriptorOf(socket), descriptor);
  assertEquals(descriptorFor(socket, () => ({})), descriptor);
  assertEquals(numbered(socket, {}), { fd: descriptor.fd });
  const around = sharesDescriptor(socket, {});
  assertEquals(descriptorOf(around), descriptor);
  descriptor.free();
  descriptor.free();
  assertEquals([descriptorOf(socket), descriptorOf(around)], [
    undefined,
    undefined,
  ]);
  assertEquals(descriptorCount(), 0);
});

Deno.test("a descriptor that is closed stops the calls that wait", () => {
  const descriptor = new Descriptor();
  const stopped: string[] = [];
  const pending = (name: string) => ({ stop: () => void stopped.push(name) });
  const [first, second] = [pending("first"), pending("second")];
  descriptor.add(first);
  descriptor.add(second);
  descriptor.delete(first);
  descriptor.stop();
  assertEquals(stopped, ["second"]);
  descriptor.free();
});
