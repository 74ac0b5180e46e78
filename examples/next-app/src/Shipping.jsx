'use client';

import { Feature } from 'waft/react';

export function Shipping() {
  return (
    <Feature flag="free-shipping" fallback={<p>Shipping: 4.90</p>}>
      <p>Free shipping</p>
    </Feature>
  );
}
