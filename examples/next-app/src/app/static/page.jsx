import { Flags } from '../../Flags.jsx';
import { Headline } from '../../Headline.jsx';
import { Shipping } from '../../Shipping.jsx';

/** A static shell, the same for everybody: the page decides. */
export default function Page() {
  return (
    <Flags context={{ country: 'DE' }}>
      <Headline />
      <Shipping />
    </Flags>
  );
}
