import { Page } from '~/app/page'

export default function TendersScreen() {
  return <Page title="Tenders">{null}</Page>
}
