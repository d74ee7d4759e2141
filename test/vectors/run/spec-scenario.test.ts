// The scenarios through the functions that stand in SPEC.md: open, judge, record and bury.
import { expect, test } from 'vitest';
import { equalConstantTime, hex } from '../../../protocol/wire/bytes.ts';
import { loadSpecModule, refusedStep, type SpecState, type SpecVerdict } from '../../docs/spec-module.ts';
import { openingKey } from '../device/opening-key.ts';
import { knownFormsOf } from '../device/replay.ts';
import { unhex } from '../device/unhex.ts';
import { type ScenarioStep, scenarioFile } from '../shape/scenario.ts';
import { readVectors } from './read.ts';

const spec = loadSpecModule();
type SpecKey = NonNullable<ReturnType<Parameters<typeof spec.open>[1]>>;

/** A device that does what SPEC.md's functions say, and nothing about which keys it holds: the vectors tell that. */
class SpecDevice {
  keys: SpecKey[] = [];
  windows = new Map<string, Pick<SpecState, 'pairs' | 'floor'>>();
  times: Pick<SpecState, 'tombstones' | 'newest'> = { tombstones: new Map(), newest: new Map() };

  take(step: ScenarioStep): object {
    if (step.do === 'register') Object.assign(this, new SpecDevice());
    if (step.do === 'add_key') {
      const { suite, ...key } = openingKey(step.key);
      this.keys.push({ ...key, suite: suite.id });
      this.windows.set(step.key.kid, { pairs: [], floor: null });
    }
    const came = step.do === 'receive' ? this.#receive(step) : {};
    this.#keep(step.state.keys);
    return came;
  }

  #receive(step: ScenarioStep & { readonly do: 'receive' }): object {
    const { now } = step;
    const envelope = unhex(step.envelope);
    const find = (kid: Uint8Array) =>
      this.keys.find((key) => equalConstantTime(key.kid, new Uint8Array(kid))) ?? null;
    const refused = refusedStep(() => spec.open(envelope, find));
    if (refused !== null) return { result: 'refused', step: refused };
    const opened = spec.open(envelope, find);
    if (opened === null) return { result: 'not_ours' };
    const key = find(envelope.slice(1, 5)) as SpecKey;
    this.#move(key, opened.oldestEpoch, opened.oldestChain);
    if (opened.payload === null) return { result: 'refused', step: opened.failedStep };
    const ownKid = hex(key.kid);
    const state = { ...(this.windows.get(ownKid) ?? { pairs: [], floor: null }), ...this.times };
    const verdict = spec.judge(envelope, opened.payload, state, key.keepDays, now);
    if (verdict.changesState) {
      const { pairs, floor } = spec.record(state, verdict.pair);
      this.windows.set(ownKid, { pairs, floor });
      const left = this.keys.filter((held) => step.state.keys.some(({ kid }) => kid === hex(held.kid)));
      const keepDaysMax = Math.max(...left.map(({ keepDays }) => keepDays));
      const { tombstones, newest } = spec.bury(state, opened.payload, keepDaysMax, now);
      this.times = { tombstones, newest };
    }
    return { result: 'valid', loud: verdict.loud, verdict: verdictForm(verdict) };
  }

  #move(key: SpecKey, epoch: number, chain: Uint8Array): void {
    this.keys = this.keys.map((held) => (held === key ? { ...held, epoch, chain } : held));
  }

  /** The keys that the vectors say are left, as far moved as an app start has moved them. */
  #keep(left: ScenarioStep['state']['keys']): void {
    this.keys = this.keys.flatMap((key) => {
      const form = left.find(({ kid }) => kid === hex(key.kid));
      return form === undefined
        ? []
        : [{ ...key, epoch: form.oldest_epoch, chain: unhex(form.oldest_chain) }];
    });
  }
}

function verdictForm({ changesState, expired, fromFuture, removed, superseded }: SpecVerdict): object {
  return { changes_state: changesState, expired, from_future: fromFuture, removed, superseded };
}

test.each(['scenario-01.json', 'scenario-02.json'])("SPEC.md's functions go through %s", (name) => {
  for (const { id, steps } of readVectors(name, scenarioFile).cases) {
    const device = new SpecDevice();
    for (const step of steps) {
      const where = `${id}: ${step.comment}`;
      expect(step, where).toMatchObject(device.take(step));
      const { tombstones, newest } = device.times;
      expect(knownFormsOf(tombstones), where).toEqual(step.state.tombstones);
      expect(knownFormsOf(newest), where).toEqual(step.state.newest);
      const windows = step.state.keys.map(({ kid }) => device.windows.get(kid)?.pairs.length);
      expect(windows, where).toEqual(step.state.keys.map(({ pairs }) => pairs));
    }
  }
});
