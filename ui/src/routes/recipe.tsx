import { useParams } from '@tanstack/react-router'
import { RecipeScreen } from '~/features/recipes/recipe-screen'

export default function RecipeRoute() {
  const { recipeId } = useParams({ from: '/shell/recipes/$recipeId' })
  return <RecipeScreen key={recipeId} recipeId={recipeId} />
}
