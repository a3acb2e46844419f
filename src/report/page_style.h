// The style sheet and the script of every page, held as text so that a page needs no other file.
#pragma once

namespace braid::report {

/// Colours are variables, so that dark, light and print differ in one place. Series colours (--s0
/// ...) follow Okabe and Ito's colour-blind safe palette, darkened for white and lightened for
/// black paper.
extern const char* const kPageStyle;

/// Makes tables of class "sortable" sort by a click on a column's title; the page reads the same
/// without it.
extern const char* const kPageScript;

}  // namespace braid::report
