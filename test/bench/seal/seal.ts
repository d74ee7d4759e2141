// npm run bench -- seal: what sealing costs on the server, against what its parts, other libraries and web-push cost.
import { SUITE_X25519_PSK, SUITE_XWING_PSK } from '../../../protocol/wire/suites.ts';
import { type Benchmark, type Figure, type Findings, type Goal, judgeGoal } from '../benchmark.ts';
import { type Effort, type Job, type Measured, measure } from '../measure.ts';
import { ratios, summarize } from '../statistics.ts';
import { createDevice, hpkeInput, openWarm, sealCold, sealWarm } from './ours.ts';
import { hpkeJobs, webPushSeal, x25519Floor } from './peers.ts';
import { measureThreads, type Scaling } from './threads.ts';

/** At least so many times what it is compared with. */
const GOALS = { floor: 0.55, hpke: 2.5, webPush: 1.8, suites: 0.7, threads: 1.8 } as const;

export const sealBenchmark: Benchmark = { name: 'seal', run: runSealBenchmark };

async function runSealBenchmark(effort: Effort): Promise<Findings> {
  const classic = createDevice(SUITE_X25519_PSK);
  const post = createDevice(SUITE_XWING_PSK);
  const classicPeers = await hpkeJobs(SUITE_X25519_PSK, hpkeInput(classic));
  const postPeers = await hpkeJobs(SUITE_XWING_PSK, hpkeInput(post));
  const floor = x25519Floor('X25519 key generation and one Diffie-Hellman');
  const seal01 = sealWarm('seal 0x01, warm key', classic);
  const seal02 = sealWarm('seal 0x02, warm key', post);
  const webPush = webPushSeal('web-push encrypts the same bytes', hpkeInput(classic));
  const jobs: readonly Job[] = [
    floor,
    seal01,
    seal02,
    sealCold('seal 0x01, cold from the store', classic),
    sealCold('seal 0x02, cold from the store', post),
    openWarm('open 0x01', classic),
    openWarm('open 0x02', post),
    webPush,
    ...classicPeers.seal,
    ...classicPeers.open,
    ...postPeers.seal,
    ...postPeers.open,
  ];
  const measured = await measure(jobs, effort);
  const of = ({ name }: Job) => measured.get(name) as Measured;
  const fastest = classicPeers.seal.map(of).reduce((best, next) => (cpu(next) < cpu(best) ? next : best));
  const scaling = await measureThreads(summarize(of(seal01).itemsPerSecond).median, effort);
  const ours = of(seal01);
  return {
    subject: '1,024 bytes of text, bucket 1856, CBOR and base64url included; native backend, one thread',
    figures: [...[...measured.values()].map(figureOf), ...threadFigures(scaling)],
    goals: [
      faster('0x01 against X25519 key and Diffie-Hellman alone', ours, of(floor), GOALS.floor),
      faster(`0x01 against ${fastest.name}`, ours, fastest, GOALS.hpke),
      faster('0x01 against web-push', ours, of(webPush), GOALS.webPush),
      faster('0x02 against 0x01', of(seal02), ours, GOALS.suites),
      judgeGoal('0x01, two worker threads against one', summarize(scaling.gains), GOALS.threads),
    ],
  };
}

/** How many items one does in the CPU time of one item of the other. */
function faster(name: string, ours: Measured, theirs: Measured, goal: number): Goal {
  return judgeGoal(name, summarize(ratios(theirs.cpu, ours.cpu)), goal);
}

function cpu(measured: Measured): number {
  return summarize(measured.cpu).median;
}

function figureOf({ name, cpu, itemsPerSecond }: Measured): Figure {
  return {
    name,
    unit: 'µs of CPU',
    ...summarize(cpu),
    itemsPerSecond: summarize(itemsPerSecond).median,
  };
}

function threadFigures({ gains, others }: Scaling): Figure[] {
  return [
    { name: 'two threads against one', unit: 'times', ...summarize(gains) },
    { name: 'share of the machine that others had meanwhile', unit: 'of 1', ...summarize(others) },
  ];
}
