/** Whom an incident can call, whose duty it is, and what was decided of matters like it. */
import { useEffect, useState } from '../vendor/preact.js'
import * as requests from './requests.js'

/** @returns {[object|null, string|null]} what is known, and why nothing could be had; both null while it is asked */
export function useWhistling(incident) {
  const [known, take] = useState([null, null])
  useEffect(() => {
    let wanted = true
    take([null, null])
    if (incident) {
      requests.whistling(incident).then(
        (answer) => wanted && take([answer, null]),
        (problem) => {
          if (problem.status === undefined) throw problem
          if (wanted) take([null, problem.message])
        },
      )
    }
    return () => {
      wanted = false
    }
  }, [incident])
  return known
}
