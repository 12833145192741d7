using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.RegularExpressions;

namespace ActorLb.Tests.House;

/// <summary>An outermost type: those within it are part of it.</summary>
internal readonly record struct TypeName(string Assembly, string Namespace, string Name);

/// <summary>
/// What each type of a compiled assembly uses: base types, fields, signatures, attributes, and all that its methods touch. Written
/// out or not makes no difference here; constants and names alone do not show, and stand in the sources (<see cref="Sources"/>).
/// </summary>
internal static partial class TypeUses
{
    /// <summary>Without a type's uses of itself.</summary>
    /// <param name="assembly">Its name; its file lies beside the tests.</param>
    public static IReadOnlyList<(TypeName From, TypeName To)> Of(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        return [.. new Reading(file, assembly).All()];
    }

    // A type that an attribute names is text in its value.
    [GeneratedRegex(@"\b(?<namespace>ActorLb(?:\.\w+)*)\.(?<name>\w+)")]
    private static partial Regex TypeText();

    private sealed class Reading(PEReader file, string assembly)
    {
        private readonly MetadataReader _reader = file.GetMetadataReader();
        private readonly HashSet<EntityHandle> _found = [];
        private readonly HashSet<TypeName> _named = [];

        public HashSet<(TypeName From, TypeName To)> All()
        {
            var all = new HashSet<(TypeName, TypeName)>();
            foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
            {
                TypeName from = NameOf(handle);
                _found.Clear();
                _named.Clear();
                Read(_reader.GetTypeDefinition(handle));
                foreach (TypeName to in _found.Select(NameOf).Concat(_named).Where(n => n != from))
                {
                    all.Add((from, to));
                }
            }

            return all;
        }

        private void Read(TypeDefinition type)
        {
            var signatures = new SignatureTypes(_found);
            Add(type.BaseType);
            foreach (InterfaceImplementationHandle one in type.GetInterfaceImplementations())
            {
                Add(_reader.GetInterfaceImplementation(one).Interface);
            }

            ReadAttributes(type.GetCustomAttributes());
            ReadConstraints(type.GetGenericParameters());
            foreach (FieldDefinitionHandle handle in type.GetFields())
            {
                FieldDefinition field = _reader.GetFieldDefinition(handle);
                field.DecodeSignature(signatures, false);
                ReadAttributes(field.GetCustomAttributes());
            }

            foreach (PropertyDefinitionHandle property in type.GetProperties())
            {
                ReadAttributes(_reader.GetPropertyDefinition(property).GetCustomAttributes());
            }

            foreach (MethodDefinitionHandle handle in type.GetMethods())
            {
                MethodDefinition method = _reader.GetMethodDefinition(handle);
                method.DecodeSignature(signatures, false);
                ReadAttributes(method.GetCustomAttributes());
                ReadConstraints(method.GetGenericParameters());
                foreach (ParameterHandle parameter in method.GetParameters())
                {
                    ReadAttributes(_reader.GetParameter(parameter).GetCustomAttributes());
                }

                if (method.RelativeVirtualAddress != 0)
                {
                    Read(file.GetMethodBody(method.RelativeVirtualAddress));
                }
            }
        }

        private void Read(MethodBodyBlock body)
        {
            if (!body.LocalSignature.IsNil)
            {
                _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(new SignatureTypes(_found), false);
            }

            foreach (ExceptionRegion region in body.ExceptionRegions)
            {
                Add(region.CatchType);
            }

            foreach (EntityHandle handle in MethodTokens.Of(body.GetILReader()))
            {
                Add(handle);
            }
        }

        private void ReadConstraints(GenericParameterHandleCollection parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in parameters.SelectMany(p => _reader.GetGenericParameter(p).GetConstraints()))
            {
                Add(_reader.GetGenericParameterConstraint(constraint).Type);
            }
        }

        private void ReadAttributes(CustomAttributeHandleCollection attributes)
        {
            foreach (CustomAttribute attribute in attributes.Select(_reader.GetCustomAttribute))
            {
                Add(attribute.Constructor);
                string value = Encoding.UTF8.GetString(_reader.GetBlobBytes(attribute.Value));
                foreach (Match match in TypeText().Matches(value))
                {
                    string space = match.Groups["namespace"].Value;
                    if (space == assembly || space.StartsWith($"{assembly}.", StringComparison.Ordinal))
                    {
                        _named.Add(new TypeName(assembly, space, match.Groups["name"].Value));
                    }
                }
            }
        }

        private void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            var signatures = new SignatureTypes(_found);
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition or HandleKind.TypeReference:
                    _found.Add(handle);
                    break;
                case HandleKind.TypeSpecification:
                    _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(signatures, false);
                    break;
                case HandleKind.MethodDefinition:
                    Add(_reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Add(_reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    MemberReference member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                    Add(member.Parent);
                    _ = member.GetKind() == MemberReferenceKind.Field
                        ? member.DecodeFieldSignature(signatures, false)
                        : member.DecodeMethodSignature(signatures, false).ReturnType;
                    break;
                case HandleKind.MethodSpecification:
                    MethodSpecification method = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(method.Method);
                    method.DecodeSignature(signatures, false);
                    break;
                case HandleKind.StandaloneSignature:
                    _reader.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(signatures, false);
                    break;
            }
        }

        private TypeName NameOf(EntityHandle handle)
        {
            if (handle.Kind == HandleKind.TypeDefinition)
            {
                TypeDefinition type = _reader.GetTypeDefinition((TypeDefinitionHandle)handle);
                return type.IsNested ? NameOf(type.GetDeclaringType()) : new TypeName(assembly, _reader.GetString(type.Namespace), _reader.GetString(type.Name));
            }

            TypeReference reference = _reader.GetTypeReference((TypeReferenceHandle)handle);
            return reference.ResolutionScope switch
            {
                { Kind: HandleKind.TypeReference } outer => NameOf(outer),
                { Kind: HandleKind.AssemblyReference } other => new TypeName(
                    _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)other).Name),
                    _reader.GetString(reference.Namespace),
                    _reader.GetString(reference.Name)),
                _ => new TypeName(assembly, _reader.GetString(reference.Namespace), _reader.GetString(reference.Name)),
            };
        }
    }
}
