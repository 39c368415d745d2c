import { Page } from '~/app/page'

export default function TenderScreen() {
  return <Page title="Tender">{null}</Page>
}
