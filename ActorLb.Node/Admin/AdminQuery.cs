using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorLb.Node.Admin;

/// <summary>
/// What a route's query may say. All else is refused before anything is done: who asks for a trial of what knows none would have it
/// done, and who misspells what limits a change would change more.
/// </summary>
/// <param name="Flags">Are said by being there, without a value or with <c>true</c>.</param>
/// <param name="Values">Have a value.</param>
internal sealed record AdminQuery(ImmutableArray<string> Flags, ImmutableArray<string> Values)
{
    /// <summary>The only one that may be said more than once.</summary>
    public const string Header = "header";

    private const int NameLengthMax = 40;

    public static readonly AdminQuery None = new([], []);

    public bool Knows(string name) => Flags.Contains(name) || Values.Contains(name);

    /// <summary>Null where the route knows all of it.</summary>
    public AdminProblem? Refuse(IQueryCollection query)
    {
        foreach ((string name, StringValues said) in query)
        {
            bool isFlag = Flags.Contains(name);
            if (!Knows(name))
            {
                return AdminProblem.BadRequest($"There is no \"{(name.Length <= NameLengthMax ? name : name[..NameLengthMax] + "…")}\" here; {Known()}");
            }

            if (said.Count > 1 && name != Header)
            {
                return AdminProblem.BadRequest($"\"{name}\" is said {said.Count} times, and once would do.");
            }

            if (isFlag && said.ToString() is not ("" or "true"))
            {
                return AdminProblem.BadRequest($"\"{name}\" has no value: it is there, or left out.");
            }
        }

        return null;
    }

    private string Known()
    {
        string[] known = [.. Flags.Select(f => $"?{f}"), .. Values.Select(v => $"?{v}=…")];
        return known.Length == 0 ? "this takes no query. Nothing was done." : $"there {(known.Length == 1 ? "is" : "are")} {string.Join(", ", known)}. Nothing was done.";
    }
}
