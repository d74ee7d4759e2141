// A thread that seals as many notifications of suite 0x01 as it is told to, then says so.
import { parentPort } from 'node:worker_threads';
import { SUITE_X25519_PSK } from '../../../protocol/wire/suites.ts';
import { createDevice, sealWarm } from './ours.ts';

const job = sealWarm('seal', createDevice(SUITE_X25519_PSK));

parentPort?.on('message', async (items: number) => {
  await job.run(items);
  parentPort?.postMessage('done');
});
