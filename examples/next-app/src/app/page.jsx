import { Flags } from '../Flags.jsx';
import { decided } from '../flags.js';
import { Shipping } from '../Shipping.jsx';

/** Rendered for each visitor: the headline is a server component's, shipping a client component's. */
export default async function Page() {
  const { context, flags } = await decided();
  // Before `json`, which tells the page what was read.
  const headline = flags.getStringValue('headline', 'Welcome');
  return (
    <Flags json={flags.json} context={context}>
      <h1>{headline}</h1>
      <Shipping />
    </Flags>
  );
}
