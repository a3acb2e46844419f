// What stands in a folder that someone else made.
#pragma once
#include <set>
#include <string>

namespace braid::formats {

/// The names of files and folders in it. Errors: io.
std::set<std::string> names_in_folder(const std::string& folder);

/// "a.txt, b.txt and 3 more", "nothing", for messages.
std::string list_names(const std::set<std::string>& names);

/// Whether a name is there, even as a link to nowhere: opening that tells why.
bool stands_in(const std::string& folder, const std::string& name);

/// Whether a path that a file names is relative and does not climb out of its folder. Links are
/// followed: the caches that models are downloaded to are made of them.
bool stays_in_folder(const std::string& path);

}  // namespace braid::formats
