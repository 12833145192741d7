using System.Reflection;
using ActorLb.Engine;
using ActorLb.Shared.Settings;
using Xunit;

namespace ActorLb.Tests.House;

/// <summary>Public is what another assembly of the product uses; all else is its own assembly's business.</summary>
public sealed class PublicTypesTests
{
    [Fact]
    public void What_nobody_else_uses_of_the_engine_is_internal() => Assert.Empty(Unused(typeof(DataPlane).Assembly, "ActorLb.Node", "ActorLb.Chaos"));

    [Fact]
    public void What_nobody_else_uses_of_the_vocabulary_is_internal() =>
        Assert.Empty(Unused(typeof(NodeSettings).Assembly, "ActorLb.Engine", "ActorLb.Node", "ActorLb.Chaos"));

    private static IEnumerable<string> Unused(Assembly assembly, params string[] others)
    {
        HashSet<string> used =
        [
            .. others.SelectMany(TypeUses.Of).Select(u => u.To).Where(t => t.Assembly == assembly.GetName().Name).Select(t => $"{t.Namespace}.{t.Name}"),
        ];

        // A constant leaves no trace of where it came from.
        string[] sources = [.. others.SelectMany(Sources.Of).Select(s => s.Text)];
        return assembly.GetExportedTypes()
            .Where(t => !t.IsNested && !used.Contains(WithoutArity(t.FullName!)) && !used.Contains(t.FullName!))
            .Where(t => !HasConstants(t) || !sources.Any(s => s.Contains($"{t.Name}.", StringComparison.Ordinal)))
            .Select(t => t.FullName!)
            .Order(StringComparer.Ordinal);
    }

    private static bool HasConstants(Type type) => type.IsEnum || type.GetFields(BindingFlags.Public | BindingFlags.Static).Any(f => f.IsLiteral);

    private static string WithoutArity(string name) => name.Split('`')[0];
}
