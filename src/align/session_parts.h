// What planning a session is made of. Internal to session_plan.
#pragma once
#include "align/session.h"

namespace braid::align {

/// The streams by name, and which of them are put on ticks, before any file is read.
///
/// Errors   as plan_session().
void name_streams(SessionPlan* plan);

/// Errors   usage: an unknown stream, one that is its own reference or another's while it is synced
///          itself, a greatest offset that is none.
void check_syncs(const StreamTable& table, const SyncOptions& options);

/// Finds the offsets of options.sync, and moves the scanned streams by them. Errors: as
/// sync_signal().
void find_syncs(SessionPlan* plan, const Sinks& sinks);

/// Channels, methods, tolerances and files, once every file was read.
///
/// Errors   as plan_session().
void choose_streams(SessionPlan* plan);

}  // namespace braid::align
