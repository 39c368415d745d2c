// Makes a container in a storage account: PUT, signed with the account's key.
// Usage: container.mjs ENDPOINT CONTAINER, with AZURE_STORAGE_ACCOUNT_NAME and _KEY set.

import { createHmac } from 'node:crypto';

const [endpoint, container] = process.argv.slice(2);
const account = process.env.AZURE_STORAGE_ACCOUNT_NAME;
const key = Buffer.from(process.env.AZURE_STORAGE_ACCOUNT_KEY, 'base64');

const date = new Date().toUTCString();
const headers = `x-ms-date:${date}\nx-ms-version:2021-12-02`;
// An emulator has the account in the path, and so twice in what is signed.
const resource = `/${account}/${account}/${container}\nrestype:container`;
const signed = `PUT${'\n'.repeat(12)}${headers}\n${resource}`;
const signature = createHmac('sha256', key).update(signed).digest('base64');
const answer = await fetch(`${endpoint}/${container}?restype=container`, {
  method: 'PUT',
  headers: {
    'x-ms-date': date,
    'x-ms-version': '2021-12-02',
    authorization: `SharedKey ${account}:${signature}`,
  },
});
if (answer.status !== 201) {
  console.error(answer.status, await answer.text());
  process.exit(1);
}
