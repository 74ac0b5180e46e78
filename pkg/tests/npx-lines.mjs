// Command lines of npx.test.mjs, by what they are of and the exit code that they end with.
const FIRST = 'waft trust init --project shop --environment production --add root:alice=key.json --add publisher:ci=other.json';
const PROPOSE = 'waft release propose rules --trust trust.json --key key.pem';
const RECORD = 'waft test shop --record shop/people.csv --environment production --at 2026-12-01T08:00Z';

export const LINES = {
  trust: {
    0: [
      FIRST,
      `${FIRST} --dry-run`,
      `${FIRST} --key key.pem && waft trust show trust-0001.waft && waft trust show trust-0001.waft --json && waft trust verify trust-0001.waft trust-0001.waft`,
      `${FIRST} && waft sign trust-0001.waft --role root --key key.pem && waft trust rotate trust-0001.waft --min-version 5 --key key.pem && waft trust verify trust-0001.waft trust-0002.waft`,
      'waft trust show trust.json',
      'umask 077; echo right > p; waft sign s.waft --role publisher --key encrypted.pem --passphrase-file p',
      'waft sign s.waft --role approver --external other.pem --to-sign message',
    ],
    1: [
      `${FIRST} && ${FIRST}`,
      `${FIRST} --threshold root=2`,
      `${FIRST} && waft trust verify trust.json trust-0001.waft`,
      `${FIRST} && waft trust remove-key trust-0001.waft ci`,
      'waft trust show s.waft',
      'waft trust show missing',
      'waft keygen --out e.pem --encrypt',
      'waft sign s.waft --role publisher --key encrypted.pem',
      'WAFT_PASSPHRASE=wrong waft sign s.waft --role publisher --key encrypted.pem',
      'waft trust verify trust.json s.waft',
      'waft sign s.waft --role root --key key.pem',
      'waft sign s.waft --role approver --external other.pem',
      'waft sign s.waft --role approver --external other.pem --signature key.pem',
      'waft sign s.waft --role approver --external binary --to-sign message',
    ],
    2: [
      'waft trust',
      'waft trust init',
      'waft sign s.waft --role approver',
      'waft sign s.waft --role approver --key key.pem --external other.pem --to-sign m',
    ],
  },
  // Records have the time in them, so that two runs are alike only in what they refuse and print.
  releases: {
    0: [
      `${PROPOSE} > proposed 2> told; rm -r releases proposed told`,
      `${PROPOSE} 2> told; waft release verify --trust trust.json; waft release history > history; rm -r releases told history`,
    ],
    1: [
      'waft release propose shop --trust trust.json',
      'waft release propose bad.yaml --trust trust.json',
      'waft release propose rules --trust trust.json --key other.pem',
      'waft release approve --trust trust.json --key key.pem',
      'waft release reject --trust trust.json --key key.pem --why no',
      'waft release rollback --trust trust.json',
      'waft release history',
      'waft release verify --trust missing',
      'mkdir releases; echo "kind: propose" > releases/0001.yaml; waft release history',
    ],
    2: [
      'waft release',
      'waft release propose',
      'waft release approve --trust trust.json',
      'waft release reject --trust trust.json --key key.pem',
    ],
    5: ['waft release propose rules --trust trust.json --live binary'],
  },
  test: {
    0: [
      'waft test shop',
      'waft test rules',
      'waft test shop --format json',
      'waft test shop --format junit',
      'waft test shop shop/flags --environment staging',
      `${RECORD} > shop/recorded.test.yaml && waft test shop`,
      'cp shop/people.csv people.csv; cp shop/shop.test.yaml moved.test.yaml; waft test shop moved.test.yaml',
    ],
    1: [
      "sed -i 's/lt: 3.2.0/lt: 3.1.0/' shop/flags/checkout.yaml; waft test shop",
      "sed -i 's/lt: 3.2.0/lt: 3.1.0/' shop/flags/checkout.yaml; waft test shop --format junit",
      "sed -i 's/pay-later/pay-latter/' shop/flags/checkout.test.yaml; waft test shop",
      'rm shop/people.csv; waft test shop',
      'rm shop/people.csv; ln -s ../binary shop/people.csv; waft test shop',
      'rm rules/waft.test.yaml; waft test rules',
      'waft test bad.yaml',
      'waft test shop missing',
      'waft test shop --environment prod',
      'waft test shop --record missing --environment production',
      'waft test shop --record binary --environment production',
    ],
    2: ['waft test', 'waft test shop --record shop/people.csv', 'waft test shop --format xml', `${RECORD} --format json`],
  },
};
