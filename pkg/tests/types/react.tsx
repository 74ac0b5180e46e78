// What tsc makes of waft/react. Compiled by ../reacttypes.test.mjs, never run.
import type { Client, Details } from 'waft';
import { Feature, useExperiment, useFlag, useFlagDetails, WaftProvider } from 'waft/react';

/** Fails to compile unless both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | undefined => undefined;

export function Page({ client, later }: { client: Client; later: Promise<Client> }) {
  const [boolean, string, number] = [useFlag('a', false), useFlag('b', 'Buy'), useFlag('c', 1)];
  const object = useFlag('d', { accent: 'teal', sizes: [1] });
  is<Same<typeof boolean, boolean>>();
  is<Same<typeof string, string>>();
  is<Same<typeof number, number>>();
  is<Same<typeof object, { readonly accent: string; readonly sizes: readonly number[] }>>();
  const details = useFlagDetails('b', 'Buy');
  is<Same<typeof details, Details<string>>>();
  const variant = useExperiment('b', 'control');
  is<Same<typeof variant, string>>();
  // @ts-expect-error: a default is needed.
  useFlag('a');
  // @ts-expect-error: no flag has such a value.
  useFlag('a', null);
  // @ts-expect-error: nor this.
  useFlag('a', undefined);
  // @ts-expect-error: a variant's key is a string.
  useExperiment('a', false);
  return (
    <WaftProvider client={client}>
      <WaftProvider client={later} initial={{}}>
        <Feature flag="a" fallback={<i />}>
          <b />
        </Feature>
        <Feature flag="b" is="Buy" />
        {/* @ts-expect-error: no flag is named. */}
        <Feature />
      </WaftProvider>
      <WaftProvider client={undefined} />
      {/* @ts-expect-error: a page without a client says so. */}
      <WaftProvider />
    </WaftProvider>
  );
}
