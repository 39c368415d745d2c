import { RecipesScreen } from '~/features/recipes/recipes-screen'

export default function RecipesRoute() {
  return <RecipesScreen />
}
