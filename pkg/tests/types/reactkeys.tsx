// What tsc makes of waft/react where `waft codegen` has told it of the flags. Compiled by ../reacttypes.test.mjs, never run.
import 'waft';
import { Feature, useExperiment, useFlag, useFlagDetails } from 'waft/react';

declare module 'waft' {
  interface Flags {
    headline: { value: 'Welcome' | 'Hello'; variant: 'plain' | 'friendly' };
    'free-shipping': { value: boolean; variant: 'on' | 'off' };
    theme: { value: { accent: string }; variant: 'day' };
  }
}

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | undefined => undefined;

export function Page() {
  const [headline, isFree, { accent }] = [
    useFlag('headline', 'Welcome'),
    useFlag('free-shipping', false),
    useFlag('theme', { accent: 'teal' }),
  ];
  is<Same<typeof headline, 'Welcome' | 'Hello'>>();
  is<Same<typeof isFree, boolean>>();
  is<Same<typeof accent, string>>();
  const variant = useExperiment('headline', 'plain');
  is<Same<typeof variant, 'plain' | 'friendly'>>();
  const details = useFlagDetails('headline', 'Hello');
  is<Same<typeof details.variant, 'plain' | 'friendly' | undefined>>();
  // @ts-expect-error: no such flag.
  useFlag('headlines', 'Welcome');
  // @ts-expect-error: no such value.
  useFlag('headline', 'Goodbye');
  // @ts-expect-error: of another type.
  useFlag('headline', false);
  // @ts-expect-error: no such variant.
  useExperiment('headline', 'control');
  return (
    <>
      <Feature flag="free-shipping" />
      {/* @ts-expect-error: no such flag. */}
      <Feature flag="free-shippings" />
    </>
  );
}
