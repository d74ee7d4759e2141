// A free port of loopback, for a service whose origin must be known before it listens.
import { type AddressInfo, createServer } from 'node:net';

export async function findFreePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
