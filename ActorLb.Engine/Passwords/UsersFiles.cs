using System.Collections.Immutable;
using ActorLb.Engine.Certificates;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Passwords;

/// <summary>
/// The users files that routes name, one for each path. Read from any thread; changed by one at a time, in two steps: what cannot be
/// loaded is known before anything changes.
/// </summary>
internal sealed class UsersFiles
{
    private volatile ImmutableDictionary<string, UsersFile> _files = ImmutableDictionary<string, UsersFile>.Empty;

    public IEnumerable<IFollowsFiles> Followed => _files.Values;

    /// <summary>Of a path that a route of the topology in force names.</summary>
    public UsersFile this[string path] => _files[path];

    /// <summary>Loads what these routes name. Nothing changes before <see cref="Next.Commit"/>.</summary>
    /// <exception cref="UsersFileException">A file cannot be used; the message has the key of the configuration.</exception>
    public Next Prepare(IEnumerable<RouteSettings> routes)
    {
        var loaded = ImmutableDictionary.CreateBuilder<string, UsersFile>();
        foreach ((int i, RouteSettings route) in routes.Index())
        {
            if (route.Filters.BasicAuth is { } basic && !loaded.ContainsKey(basic.UsersFile))
            {
                loaded[basic.UsersFile] = new UsersFile(basic.UsersFile, $"routes[{i}].auth.basic.users-file");
            }
        }

        return new Next(this, loaded.ToImmutable());
    }

    // Filters keep the file of their path: it goes on under the same object, by what is in it now.
    private void Commit(ImmutableDictionary<string, UsersFile> loaded)
    {
        ImmutableDictionary<string, UsersFile> before = _files;
        foreach ((string path, UsersFile file) in loaded)
        {
            before.GetValueOrDefault(path)?.Take(file);
        }

        _files = loaded.SetItems(before.Where(f => loaded.ContainsKey(f.Key)));
    }

    /// <summary>What a change of the routes has loaded.</summary>
    public sealed class Next
    {
        private readonly UsersFiles _files;
        private readonly ImmutableDictionary<string, UsersFile> _loaded;

        internal Next(UsersFiles files, ImmutableDictionary<string, UsersFile> loaded)
        {
            _files = files;
            _loaded = loaded;
        }

        /// <summary>Requests go by it from now on.</summary>
        public void Commit() => _files.Commit(_loaded);
    }
}
