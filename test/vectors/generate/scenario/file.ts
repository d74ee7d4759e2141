// The whole of scenario-01.json and scenario-02.json.
import { SUITE_X25519_PSK, SUITE_XWING_PSK, type Suite } from '../../../../protocol/wire/suites.ts';
import type { ScenarioFile } from '../../shape/scenario.ts';
import { makeField } from '../notification/field.ts';
import { countResults, flagsOf } from '../told.ts';
import { appStartScenarios } from './app-start.ts';
import { arrivalScenarios } from './arrivals.ts';
import { keyScenarios } from './keys.ts';
import { lifeScenario } from './life.ts';

export function scenarioFiles(): Record<string, ScenarioFile> {
  return {
    'scenario-01.json': scenarioFile(SUITE_X25519_PSK, 's01'),
    'scenario-02.json': scenarioFile(SUITE_XWING_PSK, 's02'),
  };
}

function scenarioFile(suite: Suite, prefix: string): ScenarioFile {
  const field = makeField(suite, prefix);
  const cases = [
    lifeScenario(field),
    ...keyScenarios(field),
    ...arrivalScenarios(field),
    ...appStartScenarios(field),
  ];
  return {
    protocol: 'sealed-push/1',
    kind: 'scenario',
    note: `What happens to one device, step by step, in suite 0x0${suite.id}. The state is carried from step to step.`,
    suite: suite.id,
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}
