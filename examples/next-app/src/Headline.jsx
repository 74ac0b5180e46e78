'use client';

import { useFlag } from 'waft/react';

export function Headline() {
  return <h1>{useFlag('headline', 'Welcome')}</h1>;
}
