// Preact with its hooks, signals, and `html` tagged templates bound to it.
import htm from 'htm'
import { h } from 'preact'

export { createContext, Fragment, h, render } from 'preact'
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals'
export const html = htm.bind(h)
