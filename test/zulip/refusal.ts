// How something was refused.
import { type OpenStep, ProtocolError } from '../../protocol/wire/errors.ts';

/** The code of the error that it throws, with the step where there is one; `none` if it throws none. */
export function refusal(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (!(error instanceof ProtocolError)) return 'another error';
    const step: OpenStep | undefined = error.step;
    return step === undefined ? error.code : `${error.code} ${step}`;
  }
}
