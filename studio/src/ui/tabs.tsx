/** Views of one thing, of which one is drawn. */

import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as All } from 'react-aria-components/Tabs';

export interface TabsProps {
  readonly label: string;
  readonly tabs: readonly {
    readonly key: string;
    readonly name: string;
    readonly count?: number | undefined;
    readonly content: ReactNode;
  }[];
  readonly selected?: string | undefined;
  readonly onChange?: (key: string) => void;
}

export function Tabs({ label, tabs, selected, onChange }: TabsProps) {
  const chosen = selected === undefined || tabs.some(({ key }) => key === selected) ? selected : tabs[0]?.key;
  return (
    <All
      className="tabs"
      {...(chosen !== undefined && { selectedKey: chosen })}
      {...(onChange && { onSelectionChange: (key) => onChange(String(key)) })}
    >
      <TabList aria-label={label}>
        {tabs.map(({ key, name, count }) => (
          <Tab key={key} id={key}>
            {name}
            {count !== undefined && <span className="count num">{count.toLocaleString('en')}</span>}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ key, content }) => (
        <TabPanel key={key} id={key} className="stack">
          {content}
        </TabPanel>
      ))}
    </All>
  );
}
