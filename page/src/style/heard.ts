/** For those who listen: said, and not seen. */

import { css } from "lit";

export const HEARD = css`
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
`;
