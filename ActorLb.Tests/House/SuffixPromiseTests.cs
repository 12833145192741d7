using System.Reflection;
using System.Runtime.CompilerServices;
using ActorLb.Engine;
using ActorLb.Node.Nodes;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Xunit;

namespace ActorLb.Tests.House;

/// <summary>Five suffixes are promises: what a type is called says what it may be.</summary>
public sealed class SuffixPromiseTests
{
    private static readonly Assembly[] Assemblies = [typeof(NodeSettings).Assembly, typeof(DataPlane).Assembly, typeof(BalancerNode).Assembly];

    private static readonly string[] Effects =
    [
        "System.Threading", "System.Threading.Tasks", "System.Threading.Channels", "System.Net.Sockets", "System.Net.Http", "Microsoft.Extensions.Logging",
    ];

    [Fact]
    public void What_an_operator_wrote_is_a_sealed_record_of_the_vocabulary() =>
        Nothing(Named("Settings").Where(t => t.Assembly != Assemblies[0] || !IsRecord(t) || !t.IsSealed || IsChangeable(t)));

    [Fact]
    public void A_snapshot_is_never_changed() =>
        Nothing(Named("Snapshot").Where(t => !t.IsSealed || IsChangeable(t)));

    [Fact]
    public void A_state_is_never_changed_and_knows_no_actors() =>
        Nothing(Named("State").Where(t => IsChangeable(t) || UsesOf(t).Any(IsAkka)));

    [Fact]
    public void States_and_policies_have_no_effects() =>
        Nothing(Named("State").Concat(Named("Policy")).SelectMany(t => UsesOf(t).Where(IsEffect).Select(u => $"{t} uses {u}")));

    [Fact]
    public void A_policy_decides_by_what_it_is_given() =>
        Nothing(Named("Policy").Where(t => IsChangeable(t) || UsesOf(t).Any(IsAkka)));

    [Fact]
    public void An_actor_is_called_one_and_nothing_else_is() =>
        Nothing(Types().Where(t => typeof(ActorBase).IsAssignableFrom(t) != (t.IsClass && t.Name.EndsWith("Actor", StringComparison.Ordinal))));

    private static void Nothing(IEnumerable<object> broken) => Assert.Equal("", string.Join('\n', broken));

    private static IEnumerable<Type> Types() =>
        Assemblies.SelectMany(a => a.GetTypes()).Where(t => t.GetCustomAttribute<CompilerGeneratedAttribute>() is null);

    // A value of a few words is a word.
    private static IEnumerable<Type> Named(string suffix) =>
        Types().Where(t => t.Name.EndsWith(suffix, StringComparison.Ordinal) && !t.IsEnum && !t.IsInterface);

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    /// <summary>A field that is not readonly, or a property with a setter that is no init.</summary>
    private static bool IsChangeable(Type type)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return type.GetFields(All).Any(f => !f.IsInitOnly && !f.IsLiteral && !IsOfProperty(f))
            || type.GetProperties(All).Any(p => p.GetSetMethod(nonPublic: true) is { } set && !IsInit(set));
    }

    // Without a setter of its own, or with an init: what is written then is decided there.
    private static bool IsOfProperty(FieldInfo field) => field.GetCustomAttribute<CompilerGeneratedAttribute>() is not null;

    private static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static IEnumerable<TypeName> UsesOf(Type type)
    {
        Type outermost = type;
        while (outermost.DeclaringType is { } outer)
        {
            outermost = outer;
        }

        return Uses[outermost.Assembly.GetName().Name!].Where(u => u.From.Namespace == outermost.Namespace && u.From.Name == outermost.Name).Select(u => u.To);
    }

    private static readonly Dictionary<string, IReadOnlyList<(TypeName From, TypeName To)>> Uses =
        Assemblies.Select(a => a.GetName().Name!).ToDictionary(n => n, TypeUses.Of);

    private static bool IsAkka(TypeName type) => type.Assembly.StartsWith("Akka", StringComparison.Ordinal);

    private static bool IsEffect(TypeName type) =>
        (Effects.Contains(type.Namespace) && type.Name is not ("Volatile" or "Interlocked" or "AddressFamily"))
        || type is { Namespace: "System.IO", Name: not ("IOException" or "Path") }
        || type is { Namespace: "System", Name: "TimeProvider" or "Random" or "Environment" or "Console" };
}
