using Xunit;

namespace ActorLb.Tests.House;

/// <summary>The folders of each project stand in an order: what is above may use what is below, and never the other way round.</summary>
public sealed class FolderOrderTests
{
    public static TheoryData<string> Projects => ["ActorLb.Shared", "ActorLb.Engine", "ActorLb.Node", "ActorLb.Chaos", "ActorLb.Bench"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_folder_uses_itself_by_way_of_another(string project)
    {
        Dictionary<(string From, string To), string> why = Uses(project);
        IReadOnlyList<string[]> circles = Circles.In(why.Keys.GroupBy(u => u.From).ToDictionary(g => g.Key, g => g.Select(u => u.To).ToHashSet()));
        IEnumerable<string> against = why
            .Where(u => circles.Any(c => c.Contains(u.Key.From) && c.Contains(u.Key.To)))
            .Select(u => $"{u.Key.From} -> {u.Key.To}: {u.Value}")
            .Order(StringComparer.Ordinal);
        Assert.Equal("", string.Join('\n', against));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Each_file_is_of_the_namespace_that_its_folder_names(string project)
    {
        string[] elsewhere =
        [
            .. Sources.Of(project)
                .Where(f => Sources.NamespaceIn(f.Text) is { } name && name != (f.Folder.Length == 0 ? project : $"{project}.{f.Folder}"))
                .Select(f => $"{f.Path}: {Sources.NamespaceIn(f.Text)}"),
        ];
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void What_a_type_uses_is_found_wherever_it_stands()
    {
        (string From, string To)[] uses = [.. TypeUses.Of("ActorLb.Tests").Select(u => (u.From.Name, u.To.Name))];
        Assert.Contains((nameof(Using), nameof(UsedAsBase)), uses);
        Assert.Contains((nameof(Using), nameof(UsedInSignature)), uses);
        Assert.Contains((nameof(Using), nameof(UsedInBody)), uses);
        Assert.Contains((nameof(Using), nameof(UsedAsArgument)), uses);
        Assert.Contains((nameof(Using), nameof(UsedInAttribute)), uses);
        Assert.DoesNotContain((nameof(UsedInBody), nameof(Using)), uses);
    }

    [Fact]
    public void A_circle_is_found_by_its_members()
    {
        var uses = new Dictionary<string, HashSet<string>> { ["a"] = ["b", "d"], ["b"] = ["c"], ["c"] = ["a"], ["d"] = ["e"], ["e"] = [] };
        Assert.Equal([["a", "b", "c"]], Circles.In(uses));
    }

    private static Dictionary<(string From, string To), string> Uses(string project)
    {
        var uses = new Dictionary<(string, string), string>();
        foreach ((TypeName from, TypeName to) in TypeUses.Of(project).Where(u => u.To.Assembly == project && IsOf(u.From) && IsOf(u.To)))
        {
            Add(FolderOf(from), FolderOf(to), $"{from.Name} uses {to.Name}");
        }

        IReadOnlyList<Source> sources = Sources.Of(project);
        HashSet<string> folders = [.. sources.Select(s => s.Folder)];

        // What starts the program stands above all, and is of no namespace.
        foreach (Source source in sources.Where(s => Sources.NamespaceIn(s.Text) is not null))
        {
            foreach (string to in Sources.FoldersIn(source.Text, project, folders))
            {
                Add(source.Folder.Length == 0 ? "." : source.Folder, to, $"{Path.GetFileName(source.Path)} names it");
            }
        }

        return uses;

        bool IsOf(TypeName type) => type.Namespace == project || type.Namespace.StartsWith($"{project}.", StringComparison.Ordinal);
        string FolderOf(TypeName type) => type.Namespace.Length == project.Length ? "." : type.Namespace[(project.Length + 1)..];
        void Add(string from, string to, string why)
        {
            if (from != to)
            {
                uses.TryAdd((from, to), why);
            }
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class NamesAttribute(Type type) : Attribute
    {
        public Type Type => type;
    }
}

internal abstract class UsedAsBase;

internal sealed class UsedInSignature;

internal sealed class UsedInBody;

internal sealed class UsedAsArgument;

internal sealed class UsedInAttribute;

[FolderOrderTests.Names(typeof(UsedInAttribute))]
internal sealed class Using : UsedAsBase
{
    public static object? Of(UsedInSignature[] some) => some.Length == 0 ? new UsedInBody() : new List<Dictionary<string, UsedAsArgument>>();
}
