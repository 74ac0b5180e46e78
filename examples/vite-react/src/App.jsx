import { Feature, useFlag } from 'waft/react';

export function App({ onChange }) {
  const headline = useFlag('headline', 'Welcome');
  return (
    <main>
      <h1>{headline}</h1>
      <Feature flag="free-shipping" fallback={<p>Shipping: 4.90</p>}>
        <p>Free shipping</p>
      </Feature>
      <button type="button" onClick={onChange}>
        Another visitor, from France
      </button>
    </main>
  );
}
