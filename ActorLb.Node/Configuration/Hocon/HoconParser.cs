using System.Collections.Immutable;

namespace ActorLb.Node.Configuration.Hocon;

/// <summary>
/// Reads HOCON (github.com/lightbend/config, HOCON.md) without include, += and null. It refuses what is not
/// balanced instead of guessing, and tells the line: Akka's own parser drops or hangs on such files.
/// </summary>
internal sealed class HoconParser
{
    private const int DepthMax = 64;

    private readonly HoconScanner _scanner;
    private readonly Action<HoconMember, HoconMember>? _replaced;
    private int _depth;

    private HoconParser(HoconScanner scanner, Action<HoconMember, HoconMember>? replaced)
    {
        _scanner = scanner;
        _replaced = replaced;
    }

    /// <param name="file">The name that origins and mistakes show.</param>
    /// <param name="replaced">Told of each value that a later one of the same file replaces, earlier first.</param>
    /// <exception cref="HoconSyntaxException">At the first character that cannot be right.</exception>
    public static HoconObject Parse(string file, string text, Action<HoconMember, HoconMember>? replaced = null) =>
        new HoconParser(new HoconScanner(file, text), replaced).Root();

    private HoconObject Root()
    {
        _scanner.SkipToToken();
        HoconOrigin opened = _scanner.Here;
        bool braced = _scanner.Take('{');
        HoconObject root = Members(opened, braced ? '}' : '\0');
        _scanner.SkipToToken();
        return _scanner.AtEnd
            ? root
            : throw Wrong("this stands after the closing brace of the whole file", "nothing more");
    }

    private HoconObject Members(HoconOrigin opened, char close)
    {
        var members = new HoconObject(opened);
        _scanner.SkipToToken();
        while (!Closes(opened, close, "{"))
        {
            Member(members);
            Separate(close);
        }

        return members;
    }

    private HoconList List()
    {
        HoconOrigin opened = _scanner.Here;
        _scanner.Step();
        var items = ImmutableArray.CreateBuilder<HoconValue>();
        _scanner.SkipToToken();
        while (!Closes(opened, ']', "["))
        {
            items.Add(Value(inList: true));
            Separate(']');
        }

        return new HoconList(opened, items.ToImmutable());
    }

    private bool Closes(HoconOrigin opened, char close, string openedBy)
    {
        if (_scanner.AtEnd)
        {
            return close == '\0'
                ? true
                : throw new HoconSyntaxException(opened, $"the {openedBy} that opens here is never closed", $"a closing {close}");
        }

        if (close != '\0' && _scanner.Take(close))
        {
            return true;
        }

        if (_scanner.Next is '}' or ']')
        {
            throw close == '\0'
                ? Wrong($"a {_scanner.Next} too many", "as many closing braces as opening ones")
                : Wrong($"a {_scanner.Next} where the {openedBy} of line {opened.Line} is open", $"a closing {close} first");
        }

        return false;
    }

    private void Separate(char close)
    {
        bool separated = _scanner.SkipToToken();
        if (_scanner.Take(','))
        {
            separated = true;
            _scanner.SkipToToken();
            if (_scanner.Next == ',')
            {
                throw Wrong("two commas in a row", "one comma between two values");
            }
        }

        if (!separated && !_scanner.AtEnd && _scanner.Next != close && _scanner.Next is not ('}' or ']'))
        {
            throw Wrong($"'{_scanner.Next}' right after a value", "a comma or a new line between two values");
        }
    }

    private void Member(HoconObject target)
    {
        HoconOrigin at = _scanner.Here;
        ImmutableArray<string> path = Path('\0');
        bool brokeLine = _scanner.SkipToToken();
        string name = string.Join('.', path);

        // a.b.c nests as braces do.
        _depth += path.Length - 1;
        if (_depth > DepthMax)
        {
            throw TooDeep(at);
        }

        HoconValue value;
        if (_scanner.Next == '{')
        {
            value = Value();
        }
        else if (!brokeLine && (_scanner.Take('=') || _scanner.Take(':')))
        {
            value = Value();
        }
        else if (!brokeLine && _scanner.Next == '+')
        {
            throw Wrong("+= is not supported", $"the whole list: {name} = [ … ]");
        }
        else if (name == "include")
        {
            throw new HoconSyntaxException(at, "include is not supported", "several files: -c first.conf second.conf, later ones over earlier ones");
        }
        else
        {
            throw new HoconSyntaxException(at, $"no value after '{name}'", $"{name} = value, or {name} {{ … }}");
        }

        _depth -= path.Length - 1;
        for (int i = path.Length - 1; i > 0; i--)
        {
            var inner = new HoconObject(at);
            inner.Put(new HoconMember(path[i], at, value));
            value = inner;
        }

        HoconLayering.Add(target, new HoconMember(path[0], at, value), _replaced, owns: true);
    }

    private static HoconSyntaxException TooDeep(HoconOrigin at) => new(at, $"more than {DepthMax} levels of nesting", "a flatter file");

    private ImmutableArray<string> Path(char close)
    {
        var path = ImmutableArray.CreateBuilder<string>();
        do
        {
            string part = _scanner.Next == '"' ? _scanner.Quoted() : _scanner.Unquoted(alsoEndedBy: '.');
            if (part.Length == 0)
            {
                throw Wrong(
                    _scanner.AtEnd || char.IsWhiteSpace(_scanner.Next)
                        ? "a name is missing here"
                        : $"'{_scanner.Next}' where a name should begin",
                    close == '\0' ? "a key, in quotes where it is not made of letters, digits, - and _" : "a name, as in ${name} or ${?name}");
            }

            path.Add(part);
        }
        while (_scanner.Take('.'));
        return path.ToImmutable();
    }

    private HoconValue Value(bool inList = false)
    {
        if (++_depth > DepthMax)
        {
            throw TooDeep(_scanner.Here);
        }

        _scanner.SkipToToken();
        HoconOrigin start = _scanner.Here;
        var parts = ImmutableArray.CreateBuilder<HoconPart>();
        while (true)
        {
            string gap = _scanner.Blanks();
            if (_scanner.AtEnd || _scanner.AtComment || _scanner.Next is '\n' or ',' or '}' or ']')
            {
                break;
            }

            HoconOrigin at = _scanner.Here;
            HoconValue part = Part();
            if (parts.Count > 0)
            {
                RefuseNeighbour(at, parts[^1].Value, gap, part, inList);
            }

            parts.Add(new HoconPart(parts.Count == 0 ? "" : gap, part));
        }

        _depth--;
        if (parts.Count == 0)
        {
            throw new HoconSyntaxException(start, "a value is missing here", "a value; \"\" for an empty text");
        }

        return parts.Count == 1 ? parts[0].Value
            : parts.All(p => p.Value is HoconText) ? HoconJoining.Texts(start, parts)
            : new HoconJoined(start, parts.ToImmutable());
    }

    // What HOCON would join, or take for one value, and what nobody means by it: a comma is missing.
    private static void RefuseNeighbour(HoconOrigin at, HoconValue before, string gap, HoconValue part, bool inList)
    {
        const string BetweenValues = "a comma or a new line between two values of a list";
        string closing = before switch
        {
            HoconObject => "a closing brace",
            HoconList => "a closing bracket",
            _ => "another value",
        };
        if (part is HoconText text && before is (HoconObject or HoconList))
        {
            throw new HoconSyntaxException(
                at, $"'{text.Text}' right after {closing}", inList ? BetweenValues : "a comma or a new line between two keys");
        }

        // Of a reference it is not known yet what it is, and ${base} { … } is how an object is extended.
        if (inList && gap.Length > 0 && before is not HoconReference && part is not HoconReference)
        {
            string what = part switch { HoconText next => $"'{next.Text}'", HoconObject => "{", _ => "[" };
            throw new HoconSyntaxException(
                at, $"{what} right after {closing}", part is HoconText ? $"{BetweenValues}, or quotes around one that holds blanks" : BetweenValues);
        }
    }

    private HoconValue Part()
    {
        HoconOrigin at = _scanner.Here;
        switch (_scanner.Next)
        {
            case '"':
                return new HoconText(at, _scanner.Quoted());
            case '{':
                _scanner.Step();
                return Members(at, '}');
            case '[':
                return List();
            case '$' when _scanner.Looks("${"):
                return Reference(at);
        }

        string text = _scanner.Unquoted();
        return text switch
        {
            "" when _scanner.Next is '=' or ':' => throw Wrong(
                $"'{_scanner.Next}' inside a value", "quotes around a value that holds it, and a comma or a new line between two keys"),
            "" => throw Wrong($"'{_scanner.Next}' inside a value", "quotes around a value that holds it"),
            "null" => throw new HoconSyntaxException(at, "null is no value here", "the key left out, which leaves its default"),
            _ => new HoconText(at, text),
        };
    }

    private HoconReference Reference(HoconOrigin at)
    {
        _scanner.Step();
        _scanner.Step();
        bool optional = _scanner.Take('?');
        ImmutableArray<string> path = Path('}');
        return _scanner.Take('}')
            ? new HoconReference(at, path, optional)
            : throw new HoconSyntaxException(at, "the ${ that opens here is not closed", "${name} or ${?name}");
    }

    private HoconSyntaxException Wrong(string problem, string expected) => new(_scanner.Here, problem, expected);
}
