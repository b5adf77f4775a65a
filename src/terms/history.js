/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.js: the one script of the Terms of Use pages, built into the server.
 *
 * It gives the entry of the web view's history the address at which this page can be asked for
 * again, by its state and without a token, so that Back, Forward and Reload lead to a page whether
 * it was first asked for by Windows or posted. A page does everything else without it. Written for
 * the web views of Windows 10 too, so in the language of 2009, and it fails in silence: in a frame
 * that may not change its history, or where the address is longer than the web view takes.
 */
(function () {
	'use strict';
	var form = document.forms[0];
	var state = form && form.elements.state;

	if (!state || !window.history || !history.replaceState) {
		return;
	}
	try {
		history.replaceState(null, '', form.getAttribute('action') + '?state=' +
			encodeURIComponent(state.value));
	} catch (ignored) {
	}
}());
